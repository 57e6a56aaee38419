"""Parts shared by pages: markup builders and the few Streamlit widgets that need a rule of their own."""
