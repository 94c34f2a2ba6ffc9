"""The site: submissions in, static pages out."""
