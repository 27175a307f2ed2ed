"""The door for citizens' messages: checked, and appended to their channel's inbox."""
