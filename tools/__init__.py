"""What developers run by hand: training the small nets, writing reference pages."""
