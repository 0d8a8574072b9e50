/** The least that a function behind a URL can do. */
export const handler = (): Promise<{ statusCode: number; body: string }> => Promise.resolve({ statusCode: 200, body: "ok" });
