import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/** Collects the names and values of one request's expressions; every name gets a placeholder, since many of ours are reserved words. */
export class Terms {
	readonly #names: Record<string, string> = {};
	readonly #values: Record<string, AttributeValue> = {};

	/** The placeholder of an attribute name. */
	name(attribute: string): string {
		this.#names[`#${attribute}`] = attribute;
		return `#${attribute}`;
	}

	/** A new placeholder for a value. */
	value(value: AttributeValue): string {
		const placeholder = `:v${Object.keys(this.#values).length}`;
		this.#values[placeholder] = value;
		return placeholder;
	}

	/** `#attribute operator :value` */
	compare(attribute: string, operator: "=" | "<>" | "<" | "<=" | ">", value: AttributeValue): string {
		return `${this.name(attribute)} ${operator} ${this.value(value)}`;
	}

	exists(attribute: string): string {
		return `attribute_exists(${this.name(attribute)})`;
	}

	notExists(attribute: string): string {
		return `attribute_not_exists(${this.name(attribute)})`;
	}

	/** The two maps as the SDK takes them; empty ones are left out, as the service demands. */
	maps(): { ExpressionAttributeNames?: Record<string, string>; ExpressionAttributeValues?: Record<string, AttributeValue> } {
		return {
			...(Object.keys(this.#names).length > 0 && { ExpressionAttributeNames: this.#names }),
			...(Object.keys(this.#values).length > 0 && { ExpressionAttributeValues: this.#values }),
		};
	}
}

/** All of them. Each operand gets its parentheses, a single one none: the service refuses redundant ones. */
export const allOf = (...conditions: readonly string[]): string => joined(" AND ", conditions);

/** Any of them, parenthesised likewise. */
export const anyOf = (...conditions: readonly string[]): string => joined(" OR ", conditions);

const joined = (operator: string, [first = "", ...more]: readonly string[]): string =>
	more.length === 0 ? first : [first, ...more].map((condition) => `(${condition})`).join(operator);
