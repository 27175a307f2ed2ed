"""What the HTTP edges share: problem details, access, security headers, measuring."""
