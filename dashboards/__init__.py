"""What people see: Streamlit pages and charts over the published files, and nothing else."""
