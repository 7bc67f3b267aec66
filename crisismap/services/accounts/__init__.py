"""Accounts: invitations, passwords, second factors, sessions and single sign-on."""
