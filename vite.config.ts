import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'

const chromium = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'

/** One browser, serial files: two cores, and a crash is the machine's, not a test's. */
const browser = {
  enabled: true,
  headless: true,
  screenshotFailures: false,
  provider: playwright({
    launchOptions: {
      executablePath: chromium,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  }),
  instances: [{ browser: 'chromium' as const }],
}

const node = (name: string, include: string[], timeoutMs = 60_000, globalSetup: string[] = []) => ({
  test: { name, include, environment: 'node' as const, testTimeout: timeoutMs, hookTimeout: timeoutMs, globalSetup },
})

const serial = ({ test }: ReturnType<typeof node>) => ({ test: { ...test, fileParallelism: false } })

export default defineConfig({
  test: {
    // Tests run by clocks of their own: no core need be kept free for them.
    maxWorkers: '100%',
    projects: [
      node('node', ['tests/{unit,vectors,property,contract,world,fuzz}/**/*.test.ts']),
      // One after the other: they build the same pages.
      serial(node('package', ['tests/package/**/*.test.ts'], 300_000, ['tests/package/build.ts'])),
      serial(node('e2e', ['tests/e2e/**/*.test.ts'], 300_000)),
      {
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.browser.test.ts'],
          globalSetup: ['tests/browser/relay-servers.ts'],
          testTimeout: 60_000,
          fileParallelism: false,
          browser,
        },
      },
    ],
  },
})
