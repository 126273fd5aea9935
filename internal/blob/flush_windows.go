package blob

const flushUnknown = true
