"""Who broke it, and in how few steps: hunts for failures, and the checks of the exercises."""
