/** The five levels of resemblance: every number of chance matches has one, and together they hold all strangers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { levelOf, levels } from '../../web/levels.js';

test('every number of chance matches has one level, and an unknown one has none', () => {
  const chances = [0, 0.049, 0.05, 0.2499, 0.25, 0.99, 1, 2.99, 3, 1e6];
  assert.deepEqual(chances.map((chance) => levelOf({ chance })?.level), [4, 4, 3, 3, 2, 2, 1, 1, 0, 0]);
  assert.equal(levelOf({ chance: -1 }), null);
  assert.equal(levelOf({ chance: NaN }), null);
});

test('only fewer than 0.05 chance matches are marked, and every stranger has one level', () => {
  assert.deepEqual(levels.filter(({ marked }) => marked).map(({ below }) => below), [0.05]);
  const sum = levels.reduce((all, { strangers }) => all + strangers, 0);
  assert.ok(Math.abs(sum - 1) < 1e-12);
  assert.ok(levels[4].strangers < 0.05);
});
