"""The Webservice: who may ask, what was asked, and how it is answered. It knows rows and fields, not what they mean."""
