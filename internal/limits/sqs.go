package limits

// The ranges of a queue's attributes (Amazon SQS API Reference, SetQueueAttributes).

// VisibilityTimeout checks for how many seconds a received message is hidden from other receivers; 12 hours at most.
func VisibilityTimeout(seconds int) error { return between(seconds, 0, 43200, "seconds") }

// MessageRetention checks for how many seconds a queue keeps a message; 14 days at most.
func MessageRetention(seconds int) error { return between(seconds, 60, 1209600, "seconds") }

// DeliveryDelay checks for how many seconds a new message stays hidden.
func DeliveryDelay(seconds int) error { return between(seconds, 0, 900, "seconds") }

// ReceiveWait checks for how many seconds a receive waits for a message; above 0 is long polling.
func ReceiveWait(seconds int) error { return between(seconds, 0, 20, "seconds") }

// MaxMessageSize checks the largest message in bytes, 1 MiB at most.
func MaxMessageSize(bytes int) error { return between(bytes, 1024, 1048576, "bytes") }

// MaxReceiveCount checks after how many receives a message moves to the dead-letter queue.
func MaxReceiveCount(receives int) error { return between(receives, 1, 1000, "a number of receives") }
