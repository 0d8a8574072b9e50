import { Logger } from "@aws-lambda-powertools/logger";
import { redact } from "#lambdas/shared/redact.ts";

/** A structured logger (JSON lines through Powertools) from which secrets are taken out. Its level is `POWERTOOLS_LOG_LEVEL`, else INFO. */
export const createLogger = (serviceName: string): Logger => new Logger({ serviceName, jsonReplacerFn: redact });
