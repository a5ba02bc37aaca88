"""Why a care gap opens, closes or stays silent: one room per noun, every reason with the sentence people read."""
