// Functions of single numbers, and unit length. Each backward takes the gradient by the output and what the forward
// pass was given or gave, as its argument's name says.
#pragma once

#include "base/nn/matrix.h"
#include "base/random.h"

namespace zhiyin::nn {

Matrix relu(Matrix x);
Matrix relu_backward(Matrix dy, const Matrix& y);

// x Phi(x), by the tanh approximation (Hendrycks and Gimpel 2016).
Matrix gelu(Matrix x);
Matrix gelu_backward(Matrix dy, const Matrix& x);

Matrix sigmoid(Matrix x);
Matrix sigmoid_backward(Matrix dy, const Matrix& y);

Matrix tanh(Matrix x);
Matrix tanh_backward(Matrix dy, const Matrix& y);

// Each row divided by its length; a row (nearly) of zeros stays as it is.
Matrix unit_rows(Matrix x);
Matrix unit_rows_backward(Matrix dy, const Matrix& x, const Matrix& y);

// Zeroes each number with chance `rate` and scales the others by 1 / (1 - rate) (Srivastava et al. 2014): training
// only. `mask` gets the factors; its backward is the same factors again.
Matrix dropout(Matrix x, float rate, Random& random, Matrix& mask);
Matrix dropout_backward(Matrix dy, const Matrix& mask);

}  // namespace zhiyin::nn
