/* Adds an officer's decision. Constraints refuse a second one on the same facts. Locks only the new row. */
INSERT INTO compliance.decisions
    (decision_id, subject, subject_id, officer_id, outcome, revision, reason, proof, binding, workflow_id, run_id,
     update_id, decided_at)
VALUES
    (${decisionId}, ${subject}, ${subjectId}, ${officerId}, ${outcome}, ${revision}, ${reason}, ${proof}, ${binding},
     ${workflowId}, ${runId}, ${updateId}, ${at});
