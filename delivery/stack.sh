# shellcheck shell=bash
# What the scripts beside this one share: each sources it.

script=$(realpath "$0")
cd "$(dirname "$script")/.." || exit

# Prints why and how a script is called, and ends it. The usage is the comment at the top of the script.
usage() { sed -n '2,/^[^#]/ { /^#/ s/^#\( \|$\)//p }' "$script"; }
help_or_arguments() {
  case ${1-} in -h | --help) usage; exit 0 ;; esac
}
wrong_arguments() {
  echo "$(basename "$script"): $1" >&2
  usage >&2
  exit 2
}

fail() {
  echo "delivery: $1" >&2
  exit 1
}

say() { echo "delivery: $1" >&2; }

# Ends the script unless every variable that it names is set, with all that are missing.
need_variables() {
  local name missing=""
  for name in "$@"; do
    [ -n "${!name-}" ] || missing="$missing $name"
  done
  [ -z "$missing" ] || fail "set${missing// / } first; $(basename "$script") --help says what each is"
}

# The command that the build has put into bin/. A person makes it with make.
slipway() {
  [ -x bin/slipway ] || fail "bin/slipway is missing: make bin/slipway builds it"
  bin/slipway "$@"
}

# Pulumi never asks, and says nothing in colours.
run_pulumi() { pulumi "$@" --non-interactive --color=never; }

# A stack is a name in this project.
check_stack() {
  [ "$#" -ge 1 ] || wrong_arguments "name the stack"
  [[ $1 =~ ^[A-Za-z0-9._-]+$ ]] || wrong_arguments "the stack '$1' is not one of letters, digits, '.', '_' and '-'"
  [ -e "Pulumi.$1.yaml" ] || wrong_arguments "there is no stack '$1': Pulumi.$1.yaml is missing"
}

# Hands the release's image and the role of this run to a stack, in this folder's configuration. Without IMAGE and
# STACK_ROLE_ARN the configuration stays as it is. The role is for AWS's provider alone: the state is reached with the
# credentials of the environment.
configure_stack() {
  local values=()
  if [ -n "${IMAGE-}" ]; then values+=(--plaintext "image=$IMAGE"); fi
  if [ -n "${STACK_ROLE_ARN-}" ]; then values+=(--plaintext "aws:assumeRole.roleArn=$STACK_ROLE_ARN"); fi
  if [ "${#values[@]}" -gt 0 ]; then run_pulumi config set-all --stack "$1" --path "${values[@]}"; fi
  # The build has built the program: nothing is compiled again.
  if [ -x bin/program ] && grep -q '^runtime: go$' Pulumi.yaml; then
    sed -i 's|^runtime: go$|runtime: {name: go, options: {binary: bin/program}}|' Pulumi.yaml
  fi
}

export PULUMI_SKIP_UPDATE_CHECK=true
