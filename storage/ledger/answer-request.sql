/* Keeps the answer or the refusal of the request ${key}, in the transaction that noted it. Locks the row. */
UPDATE ledger.requests
   SET answer = ${answer}::jsonb,
       refusal = ${refusal}
 WHERE operation = ${operation}
   AND key = ${key};
