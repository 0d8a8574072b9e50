/** What a thread says while it works, and last of all what it found, or why it found nothing. Plain values. */
export type ThreadMessage<R> =
	| { readonly kind: "progress"; readonly phase: string; readonly share: number | undefined }
	| { readonly kind: "warning"; readonly text: string }
	| { readonly kind: "result"; readonly result: R }
	/** `explained`: one line that says what is wrong with what was given. */
	| { readonly kind: "failure"; readonly explained: boolean; readonly message: string };
