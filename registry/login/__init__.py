"""People signing in: one-time links, sessions, and OpenID Connect where it is configured."""
