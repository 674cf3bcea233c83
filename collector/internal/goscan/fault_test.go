package goscan

// runAsHelper runs this test's executable as something else, if a test has started it so.
func runAsHelper() bool { return false }
