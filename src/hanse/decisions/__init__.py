"""What does a programme decide?"""
