// Not by an import of ES modules: that asks for everything that node:http has, the WebSocket of undici among it, and takes 30 ms for it.
module.exports = process.getBuiltinModule("node:http");
