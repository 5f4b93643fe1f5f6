"""Made-up answers for the demo: nobody's, from a seed."""
