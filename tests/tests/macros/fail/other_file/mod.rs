//! A module in its own file.
