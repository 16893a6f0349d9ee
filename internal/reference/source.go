// Package reference writes the pages of the components, docs/components, from the comments in their source.
package reference

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Source is what a package of components declares, with its comments.
type Source struct {
	// Components by the type's name: every type T that has a NewT.
	Components map[string]*Component

	types  map[string]*declared
	consts map[string][]constant // by their type
	words  map[string]bool       // all exported names: types, constants, fields, functions
}

// Component is a type with a constructor, and that constructor's arguments.
type Component struct {
	Name        string
	Comment     string
	File        string // of its declaration, without a directory
	Constructor *ast.FuncDecl
	Args        *declared
	// Outputs have a tag, Resources do not; both with those of embedded types.
	Outputs, Resources []Field
	Methods            []*ast.FuncDecl
}

// Field is one of an argument's, of a component's or of a nested struct's.
type Field struct {
	Name    string
	Tag     string // its name in errors and for Pulumi; empty without a tag
	Needed  bool   // has a tag without "optional"
	Type    ast.Expr
	Comment string
}

type declared struct {
	name    string
	comment string
	file    string
	expr    ast.Expr
	methods []*ast.FuncDecl // exported
}

type constant struct{ name, value, comment string }

// Read parses the Go files of a directory, without its tests.
func Read(directory string) (*Source, error) {
	paths, err := filepath.Glob(filepath.Join(directory, "*.go"))
	if err != nil {
		return nil, err
	}
	s := &Source{Components: map[string]*Component{}, types: map[string]*declared{}, consts: map[string][]constant{}, words: map[string]bool{}}
	files, functions := token.NewFileSet(), []*ast.FuncDecl{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(files, path, content, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		for _, declaration := range file.Decls {
			switch d := declaration.(type) {
			case *ast.GenDecl:
				s.declare(d, filepath.Base(path))
			case *ast.FuncDecl:
				functions = append(functions, d)
			}
		}
	}
	for _, f := range functions {
		s.function(f)
	}
	return s, nil
}

// declare notes the types and the constants of a declaration.
func (s *Source) declare(d *ast.GenDecl, file string) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			comment := spec.Doc.Text()
			if comment == "" {
				comment = d.Doc.Text()
			}
			s.types[spec.Name.Name] = &declared{name: spec.Name.Name, comment: comment, file: file, expr: spec.Type}
			s.words[spec.Name.Name] = true
			if fields, is := spec.Type.(*ast.StructType); is {
				for _, field := range s.fields(fields) {
					s.words[field.Name] = true
				}
			}
		case *ast.ValueSpec:
			of, typed := spec.Type.(*ast.Ident)
			if d.Tok != token.CONST || !typed || !spec.Names[0].IsExported() {
				continue
			}
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				continue // of a number
			}
			s.words[spec.Names[0].Name] = true
			s.consts[of.Name] = append(s.consts[of.Name], constant{spec.Names[0].Name, value, spec.Doc.Text()})
		}
	}
}

// function notes a method with its type, and makes a component of a type that has a constructor.
func (s *Source) function(f *ast.FuncDecl) {
	if !f.Name.IsExported() {
		return
	}
	s.words[f.Name.Name] = true
	if f.Recv != nil {
		if of := s.types[named(f.Recv.List[0].Type)]; of != nil {
			of.methods = append(of.methods, f)
		}
		return
	}
	of := s.types[strings.TrimPrefix(f.Name.Name, "New")]
	if of == nil || of.name == f.Name.Name {
		return
	}
	c := &Component{Name: of.name, Comment: of.comment, File: of.file, Constructor: f, Args: s.types[of.name+"Args"]}
	s.Components[c.Name] = c
}

// complete collects what the embedded types give to each component.
func (s *Source) complete(c *Component) {
	c.Outputs, c.Resources, c.Methods = nil, nil, nil
	s.collect(c, s.types[c.Name])
	slices.SortStableFunc(c.Methods, func(a, b *ast.FuncDecl) int { return strings.Compare(a.Name.Name, b.Name.Name) })
}

func (s *Source) collect(c *Component, from *declared) {
	c.Methods = append(c.Methods, from.methods...)
	of := from.expr.(*ast.StructType)
	for _, field := range s.fields(of) {
		if field.Tag != "" {
			c.Outputs = append(c.Outputs, field)
		} else {
			c.Resources = append(c.Resources, field)
		}
	}
	for _, field := range of.Fields.List {
		if len(field.Names) == 0 {
			if embedded := s.types[named(field.Type)]; embedded != nil {
				s.collect(c, embedded)
			}
		}
	}
}

// fields are the exported ones of a struct, without embedded types.
func (s *Source) fields(of *ast.StructType) (fields []Field) {
	for _, field := range of.Fields.List {
		comment := field.Doc.Text()
		if comment == "" {
			comment = field.Comment.Text()
		}
		tag, needed := "", false
		if field.Tag != nil {
			if literal, err := strconv.Unquote(field.Tag.Value); err == nil {
				var options string
				tag, options, _ = strings.Cut(reflect.StructTag(literal).Get("pulumi"), ",")
				needed = options != "optional"
			}
		}
		for _, name := range field.Names {
			if name.IsExported() {
				fields = append(fields, Field{Name: name.Name, Tag: tag, Needed: needed && tag != "", Type: field.Type, Comment: strings.TrimSpace(comment)})
			}
		}
	}
	return fields
}

// named is the name of a type of the package that an expression is or points to; empty for others.
func named(expr ast.Expr) string {
	switch t := expr.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.StarExpr:
		return named(t.X)
	case *ast.ArrayType:
		return named(t.Elt)
	case *ast.MapType:
		return named(t.Value)
	}
	return ""
}
