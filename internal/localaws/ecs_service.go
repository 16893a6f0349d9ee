package localaws

// rollBack leaves the object with the task definition that it had, as ECS does when its deployment circuit breaker
// rolls a deployment back.
func (d *draft) rollBack(previous *Object) {
	if old := previous.text("taskDefinition"); old != "" {
		d.set("taskDefinition", old)
	}
}
