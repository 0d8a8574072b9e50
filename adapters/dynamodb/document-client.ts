import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, type TranslateConfig } from "@aws-sdk/lib-dynamodb";

type Handler = (command: object) => Promise<{ readonly output: unknown }>;
type Stack = DynamoDBDocumentClient["middlewareStack"];

/** What commands of lib-dynamodb are made of: the command of the client below it, which does the work, and a step that translates. */
interface DocumentCommand {
	readonly clientCommand: { resolveMiddleware(stack: Stack, config: object, options: undefined): Handler };
	readonly middlewareStack: Stack;
	addMarshallingMiddleware(config: object): void;
}

/**
 * A client of documents that sorts the steps of a kind of command once, as the SDK's `cacheMiddleware` does where no documents are
 * translated: what that costs shows most in a function that has just started. Calls with options are made as ever.
 *
 * @param client must not have `cacheMiddleware` set: lib-dynamodb refuses it
 */
export function documentClient(client: DynamoDBClient, translate?: TranslateConfig): DynamoDBDocumentClient {
	const document = DynamoDBDocumentClient.from(client, translate);
	const plainSend = document.send.bind(document) as (...args: readonly unknown[]) => unknown;
	const handlers = new Map<unknown, Handler>();
	const send = (command: DocumentCommand, ...rest: readonly unknown[]): unknown => {
		if (rest.length > 0) return plainSend(command, ...rest);
		const handler = handlers.get(command.constructor) ?? resolve(document, command);
		handlers.set(command.constructor, handler);
		return handler(command.clientCommand).then(({ output }) => output);
	};
	return Object.assign(document, { send: send as unknown as DynamoDBDocumentClient["send"] });
}

/** As the command itself would, which binds the outcome to its own input. Nothing in the steps depends on that. */
function resolve({ middlewareStack, config }: DynamoDBDocumentClient, command: DocumentCommand): Handler {
	command.addMarshallingMiddleware(config);
	return command.clientCommand.resolveMiddleware(middlewareStack.concat(command.middlewareStack), config, undefined);
}
