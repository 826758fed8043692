module dialtime.example/groups

go 1.19
