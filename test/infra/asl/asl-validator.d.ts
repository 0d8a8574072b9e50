declare module "asl-validator" {
	/** Checks a state machine against the Amazon States Language; adds `QueryLanguage` to the states of its argument. */
	export default function validate(definition: unknown): { readonly isValid: boolean; readonly errors: readonly unknown[] };
}
