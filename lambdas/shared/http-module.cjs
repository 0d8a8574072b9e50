// Not by an import of ES modules: that asks for everything that node:http has, the WebSocket of undici among it, and a cold start waits for that.
module.exports = process.getBuiltinModule("node:http");
