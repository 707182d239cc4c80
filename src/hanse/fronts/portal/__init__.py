"""The portal: where partners see where they stand, why, and what comes next."""
