package cli

func doctorCommand() command {
	return command{name: "doctor", short: "check the appliance and say what to do"}
}
