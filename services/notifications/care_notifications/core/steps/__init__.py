"""The steps an alert passes on its way to people, one file each; they do not know one another."""
