# A thin face of the scripts in package.json. `make help` lists what there is.
.DEFAULT_GOAL := help
.PHONY: help demo reconcile audit-verify shadow dlq run test test-unit test-coverage dev-up dev-down migrate migrate-down migrate-new lint format types rules knip build bench chaos fuzz totp clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Start the whole exchange; Ctrl-C stops it
	@npm start --silent
test: ## Run all tests; the last line is `N passed, N failed`
	@npm test --silent
test-unit: ## Run the tests that need no servers' data
	@npm test --silent -- 'test/{domain,contract,platform,matcher}/**/*.test.ts'
test-coverage: ## Run all tests and measure coverage
	@npm run --silent coverage
dev-up: ## Start PostgreSQL, Redis and Temporal in the background
	@npm run --silent services -- up
dev-down: ## Stop them
	@npm run --silent services -- down
migrate: ## Apply migrations to the running system
	@npm run --silent migrate
migrate-down: ## Take the last migration back
	@npm run --silent migrate:down
migrate-new: ## Make a pair of migration files: make migrate-new name=add_x
	@npm run --silent migrate:new -- $(name)
lint: ## Check the style with ESLint
	@npm run --silent lint
format: ## Format everything with Prettier
	@npm run --silent format
types: ## Check the types
	@npm run --silent types
rules: ## Check the import rules
	@npm run --silent rules
knip: ## Look for dead files, exports and dependencies
	@npm run --silent knip
chaos: ## Kill every part many times under load: make chaos ROUNDS=20 SEED=1
	@npm run --silent chaos -- $(or $(ROUNDS),20) $(SEED)
fuzz: ## Have Schemathesis judge the REST doors: make fuzz SEED=1
	@npm run --silent fuzz -- $(SEED)
bench: ## Measure everything, or one: make bench NAME=matcher
	@npm run --silent bench -- $(NAME)
build: ## Bundle the workflows
	@npm run --silent build
demo: ## Play a customer's whole story against the running system
	@npm run --silent demo
audit-verify: ## Prove the audit log of the running system
	@npm run --silent audit-verify
reconcile: ## Check the books of the running system
	@npm run --silent reconcile
shadow: ## Replay the journals of the running system and compare: make shadow SYMBOL=BTC/USDT
	@npm run --silent shadow -- $(SYMBOL)
dlq: ## Dead letters of the running system: make dlq DO='show STREAM ID', also list, replay, drop
	@npm run --silent dlq -- $(DO)
totp: ## Show what the authenticators of the development staff show now
	@npm run --silent totp
clean: ## Remove data, logs, builds and development secrets
	@npm run --silent clean
