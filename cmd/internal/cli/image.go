package cli

func imageCommand() command {
	return command{name: "image", short: "add, list and verify master images"}
}
