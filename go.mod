module regain.example

go 1.26
