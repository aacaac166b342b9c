"""The past of an account: charges, payments, readings and consumption."""
