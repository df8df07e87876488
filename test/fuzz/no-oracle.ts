/** Thrown if a program that judges cannot be had here. */
export class NoOracle extends Error {}
