SELECT E'a\'b', $$x$$, x'1F', 1_000.5e-3, {'a': [1, 2]}, a::INT[] FROM "t""u" PIVOT (sum(x) FOR y IN (1)) {{ z }} 'open
