import DenseMath
