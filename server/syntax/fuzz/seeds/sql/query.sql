WITH paid AS (SELECT id AS "ü", sum(o.amount) FILTER (WHERE x) FROM ref('source.orders') AS o GROUP BY ALL)
SELECT p.*, row_number() OVER (PARTITION BY a ORDER BY b DESC) -- note
FROM paid p LEFT JOIN shop.customers c USING (id), LATERAL (SELECT 1) WHERE a ^ b * c > $1 /* c /* d */ */ QUALIFY 1 = 1
