DROP FUNCTION trading.commit_batch;
