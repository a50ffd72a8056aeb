using static TorchSharp.torch;

namespace Hawq.Kit.Tests.Numerics;

public class MatrixOperatorTests
{
    [Fact]
    public void Matrix_as_an_operator_multiplies_as_by_hand()
    {
        var of = LinearOperator.Of(tensor(new double[,] { { 2, 1 }, { 1, 3 } }));
        of.Dimension.ShouldBe(2);
        of.Multiply(tensor(new double[] { 5, 7 })).data<double>().ToArray().ShouldBe([17, 26]);
        PowerIteration.Top(of, 1, 1e-12, 200).Value.ShouldBe((5 + Math.Sqrt(5)) / 2, 1e-12);
    }

    [Fact]
    public void A_matrix_that_is_not_square_or_not_symmetric_is_refused()
    {
        Should.Throw<ArgumentException>(() => LinearOperator.Of(zeros(2, 3))).Message.ShouldContain("(2, 3)");
        Should.Throw<ArgumentException>(() => LinearOperator.Of(tensor(new float[,] { { 1, 2 }, { 0, 1 } }))).Message.ShouldContain("transpose");
    }

    [Fact]
    public void A_matrix_of_whole_numbers_or_with_NaN_is_told_what_is_wrong()
    {
        Should.Throw<ArgumentException>(() => LinearOperator.Of(eye(2, dtype: ScalarType.Int64))).Message.ShouldStartWith("Received a matrix of type Int64; expected a floating type.");
        foreach (var number in new[] { double.NaN, double.PositiveInfinity })
        {
            var message = Should.Throw<ArgumentException>(() => LinearOperator.Of(tensor(new[,] { { number, 1 }, { 1, 2 } }))).Message;
            message.ShouldStartWith("Received a matrix of shape (2, 2) with an entry that is NaN or infinite");
            message.ShouldNotContain("transpose");
        }
    }

    [Fact]
    public void Power_iteration_stopped_later_is_the_same_path_further_on()
    {
        var of = LinearOperator.Of(diag(tensor(new double[] { 10, 9, 1 })));
        var residuals = Enumerable.Range(1, 60).Select(k => PowerIteration.Top(of, 3, tolerance: 0, maximum: k).Residual).ToList();
        (residuals[59] / residuals[39]).ShouldBe(Math.Pow(0.9, 20), 0.1 * Math.Pow(0.9, 20));
    }
}
