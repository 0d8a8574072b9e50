/** A nominal type over a primitive: values of two brands cannot be mixed up by accident. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name };
