"""What PPO is made of: how answers are drawn, read, scored and turned into advantages, and what watches over them."""
