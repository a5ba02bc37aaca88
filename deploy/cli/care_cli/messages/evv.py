"""Records of home visits as an electronic visit verification vendor sends them."""
