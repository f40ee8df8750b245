import { expect, test } from 'vitest'
import { ContainerState } from './engine.ts'

test('a state of Podman is read in the words of Docker, and an unknown word is rejected', () => {
  expect(
    ['running', 'initialized', 'stopping', 'stopped', 'unknown'].map((word) => ContainerState.parse(word)),
  ).toEqual(['running', 'created', 'running', 'exited', 'dead'])
  expect(ContainerState.safeParse('gone').success).toBe(false)
})
