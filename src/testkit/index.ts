/** What this library is tested with, for programs that use it. */

export { createFakeClock, type FakeClock } from './fake-clock.ts'
export { createMemoryDisk, type FileFaults, type MemoryDisk } from './faults/memory-file.ts'
export { type Fault, type FaultPlan, type StoreCall, withFaults } from './faults/with-faults.ts'
export { withLatency } from './faults/with-latency.ts'
export { type RelayFaultPlan, withRelayFaults } from './faults/with-relay-faults.ts'
export { type Canary, createPrivacyRecorder, type Crossing, type Leak, type PrivacyRecorder } from './privacy-recorder.ts'
export { createSeededEntropy } from './seeded-entropy.ts'
