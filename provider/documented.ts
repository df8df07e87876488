import { z } from "zod";

/**
 * `z.strictObject`, but its result keeps the docstrings of its keys in published types: zod's own type maps over them.
 */
export function documented<Shape extends z.core.$ZodShape>(
  shape: Shape,
  params?: z.core.$ZodObjectParams,
): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, params);
}
