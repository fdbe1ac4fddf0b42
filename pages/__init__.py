"""The pages of the product: thin scripts that Streamlit runs; everything reusable is in `pages.parts`."""
