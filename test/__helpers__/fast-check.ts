import fc from "fast-check";

/**
 * fast-check with one seed for every property, so that two runs of the tests are the same. Another: `HELIOTROPE_PROPERTY_SEED=7`; a
 * failure prints the seed it happened with.
 */
fc.configureGlobal({ seed: Number(process.env["HELIOTROPE_PROPERTY_SEED"] ?? "1") });

export default fc;
